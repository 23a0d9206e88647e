// What a rollout's evidence asks for: to hold, or to move, with its reason.

import type { Because, Move } from "./event.ts";

export type Decision =
  | { readonly kind: "hold"; readonly because: Because }
  | {
      readonly kind: "move";
      readonly move: Move;
      readonly because: Because;
      /** What can wait is shed until the rollout moves again. */
      readonly shed?: true;
    };

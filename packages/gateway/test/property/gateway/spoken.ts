// What the stage's gateway has asked, and what it has sent upstream.

import type { FakeCall, FakeExchange } from "../../virtual-world.ts";
import type { Ask, Failing } from "./command.ts";

/** One client's request. */
export type Asked = {
  readonly token: string;
  readonly ask: Ask;
  readonly exchange: FakeExchange;
  readonly calls: Spoken[];
  isUploading: boolean;
  hasLeft: boolean;
  /** It left within its body: nobody is told of it. */
  brokeOff: boolean;
};

/** One call at an upstream, and what it has said. */
export type Spoken = {
  readonly number: number;
  readonly call: FakeCall;
  readonly host: string;
  readonly asked: Asked;
  status: number;
  isBounded: boolean;
  said: string;
  isOver: boolean;
  /** How it failed; null where it did not. */
  failed: Failing | null;
  /** The gateway wants no more until it has said so. */
  isPaused: boolean;
};

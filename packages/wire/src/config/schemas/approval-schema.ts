// Who has to approve a stage before it begins, as slipway.yaml writes it, and as core knows it.

import type { StageApproval } from "@slipway/core";
import { z } from "zod";
import { APPROVALS_MAX, APPROVERS_MAX } from "../../policy.ts";
import { kindOf, quoted, type Reading } from "../document/quantity.ts";
import { count, field } from "../fields/field.ts";

const NAME_LENGTH_MAX = 200;

function readApprovers(value: unknown): Reading<readonly string[]> {
  if (value === "required") return { ok: true, value: [] };
  const names = Array.isArray(value) ? value : [];
  const isName = (name: unknown): name is string =>
    typeof name === "string" && name.trim() !== "" && name.length <= NAME_LENGTH_MAX;
  if (names.length > 0 && names.length <= APPROVERS_MAX && names.every(isName)) {
    return { ok: true, value: [...new Set<string>(names)] };
  }
  const is = typeof value === "string" ? quoted(value) : kindOf(value);
  return {
    ok: false,
    message: `${is} does not say who approves`,
    fix: `write required, or a list of 1 to ${APPROVERS_MAX} names`,
  };
}

export const approvalFields: {
  readonly approval: z.ZodOptional<z.ZodType<readonly string[]>>;
  readonly approvals: z.ZodOptional<z.ZodType<number>>;
} = {
  approval: field(readApprovers, {
    oneOf: [
      { const: "required" },
      {
        type: "array",
        items: { type: "string", minLength: 1, maxLength: NAME_LENGTH_MAX },
        minItems: 1,
        maxItems: APPROVERS_MAX,
      },
    ],
    description: "Who has to approve this stage before it begins: required for anybody, or names.",
  }).optional(),
  approvals: count("So many different people have to.", { min: 1, max: APPROVALS_MAX }).optional(),
};

type Written = {
  readonly approval?: readonly string[] | undefined;
  readonly approvals?: number | undefined;
};

export function approvalOf(
  { approval, approvals }: Written,
  context: z.RefinementCtx,
): { readonly approval?: StageApproval } {
  if (approval === undefined && approvals === undefined) return {};
  const by = approval ?? [];
  const needed = approvals ?? 1;
  if (by.length > 0 && by.length < needed) {
    context.addIssue({
      code: "custom",
      message: `${needed} approvals are needed, and only ${by.length} may give one`,
      params: { fix: "name more people, or need fewer approvals" },
    });
    return z.NEVER;
  }
  return { approval: { needed, by } };
}

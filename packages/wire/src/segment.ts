// The dimensions of segments as they travel.

import { DETECTED, type Dimension, SLICE_VALUES_MAX, type Slices } from "@slipway/core";
import { z } from "zod";

/** Each costs a look at every request. */
export const DIMENSIONS_MAX = 8;

const dimensionSchema: z.ZodType<Dimension> = z.object({
  name: z.string().min(1).max(64),
  header: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .nullable(),
  field: z.array(z.string().min(1).max(64)).min(1).max(4).nullable(),
  detect: z.enum(DETECTED).nullable(),
});

export const dimensionsSchema: z.ZodType<readonly Dimension[]> = z
  .array(dimensionSchema)
  .max(DIMENSIONS_MAX)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    message: "two segments have the same name",
  });

const count = z.number().int().nonnegative();

export const slicesSchema: z.ZodType<Slices> = z
  .record(
    z.string().max(64),
    z
      .record(z.string().max(200), z.object({ arrivals: count, bad: count }))
      .refine((values) => Object.keys(values).length <= SLICE_VALUES_MAX + 1),
  )
  .refine((slices) => Object.keys(slices).length <= DIMENSIONS_MAX);

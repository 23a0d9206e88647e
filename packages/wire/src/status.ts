// What people say about incidents and maintenance, and the status page that follows from it, as the control API has them.

import {
  type Act,
  COMPONENT_STATUSES,
  type ComponentImpact,
  DISCLOSURES,
  type Estimate,
  MARKS,
  type Maintenance,
  type OpenedFacts,
  type PageCause,
  type PageComponent,
  type PageIncident,
  type PageMaintenance,
  type PageUpdate,
  PUBLIC_STATUSES,
  type Publication,
  type PublicUpdate,
  type Remark,
  SEVERITIES,
  type StatusComponent,
  type StatusPage,
  type StatusSettings,
} from "@slipway/core";
import { z } from "zod";
import { becauseSchema } from "./because.ts";

export const COMPONENTS_MAX = 100;
const POST_LENGTH_MAX = 5_000;
const TITLE_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 2_000;

const name = z.string().min(1).max(200);
const text = z.string().min(1).max(POST_LENGTH_MAX);
const moment = z.number().nonnegative();
const wholeMs = z.number().int().positive();
const publicStatus = z.enum(PUBLIC_STATUSES);
const disclosure = z.enum(DISCLOSURES);
const severity = z.enum(SEVERITIES);
const kind = z.enum(["roll-back", "step-back", "trip", "page", "observed"]);
/** `j12`: the twelfth entry of the journal; `r3`: the third remark. */
const entry = z.string().regex(/^[jr][1-9]\d{0,8}$/);

const componentSchema: z.ZodType<StatusComponent> = z.object({
  id: name,
  name,
  description: z.string().max(1_000),
  models: z.array(name).max(1_000),
});

export const statusSettingsSchema: z.ZodType<StatusSettings> = z.object({
  title: z.string().min(1).max(TITLE_LENGTH_MAX),
  url: z.string().max(1_000).nullable(),
  contact: z.string().max(500).nullable(),
  components: z.array(componentSchema).max(COMPONENTS_MAX),
  publishWithinMs: wholeMs,
  autoAfterMs: wholeMs,
  updateEveryMs: wholeMs,
  resolveAfterMs: wholeMs,
});

const impactSchema: z.ZodType<ComponentImpact> = z.object({
  id: name,
  status: z.enum(COMPONENT_STATUSES),
});

const estimateFields = {
  lowMs: moment,
  highMs: moment,
  basis: z.enum(["rollback-history", "manual"]),
  samples: z.number().int().positive().nullable(),
};
const estimateSchema: z.ZodType<Estimate> = z.object(estimateFields);

const updateSchema: z.ZodType<PublicUpdate> = z.object({
  status: publicStatus,
  text: text.nullable(),
  components: z.array(impactSchema).max(COMPONENTS_MAX),
  estimate: estimateSchema.nullable(),
  nextUpdateByMs: moment.nullable(),
});

const factsSchema: z.ZodType<OpenedFacts> = z.object({
  model: name,
  from: name,
  to: name,
  kind,
  because: becauseSchema,
  openedAtMs: moment,
  detectedAtMs: moment,
  beganAtMs: moment.nullable(),
});

const actOfPeople = [
  z.object({ type: z.literal("noted"), text, visibility: z.enum(["internal", "public"]) }),
  z.object({ type: z.literal("marked"), entry, mark: z.enum(MARKS) }),
  z.object({ type: z.literal("annotated"), entry, text }),
  z.object({ type: z.literal("titled"), title: z.string().min(1).max(TITLE_LENGTH_MAX) }),
  z.object({ type: z.literal("disclosed"), cause: disclosure }),
] as const;

const actSchema: z.ZodType<Act> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("opened"), facts: factsSchema, severity }),
  z.object({ type: z.literal("drafted"), update: updateSchema, severity }),
  z.object({ type: z.literal("mitigated"), endedAtMs: moment, severity }),
  z.object({ type: z.literal("posted"), update: updateSchema }),
  ...actOfPeople,
]);

const remarkSchema: z.ZodType<Remark> = z.object({
  incidentId: z.string(),
  sequence: z.number().int().positive(),
  atMs: moment,
  by: z.string().nullable(),
  reason: z.string(),
  act: actSchema,
});

/** What is not given is as in the draft that lies ready. */
export type PostAct = {
  readonly type: "post";
  readonly status?: PublicUpdate["status"];
  readonly text?: string;
  readonly components?: readonly ComponentImpact[];
  /** From now until it will be over; null takes an estimate back. */
  readonly overInMs?: { readonly low: number; readonly high: number } | null;
  readonly nextUpdateInMs?: number;
};

export type IncidentActRequest = {
  readonly by: string;
  /** For whoever reads it later; needed where something is hidden. */
  readonly reason: string;
  readonly act: PostAct | Exclude<Act, { type: "opened" | "drafted" | "mitigated" | "posted" }>;
};

const postActSchema = z.object({
  type: z.literal("post"),
  status: publicStatus.exactOptional(),
  text: text.exactOptional(),
  components: z.array(impactSchema).max(COMPONENTS_MAX).exactOptional(),
  overInMs: z
    .object({ low: z.number().nonnegative(), high: wholeMs })
    .refine(({ low, high }) => low <= high, { message: "it ends before it begins" })
    .nullable()
    .exactOptional(),
  nextUpdateInMs: wholeMs.exactOptional(),
});

export const incidentActSchema: z.ZodType<IncidentActRequest> = z
  .object({
    by: name,
    reason: z.string().max(REASON_LENGTH_MAX),
    act: z.discriminatedUnion("type", [postActSchema, ...actOfPeople]),
  })
  .refine(
    ({ reason, act }) => act.type !== "marked" || act.mark !== "hidden" || reason.trim().length > 0,
    { message: "hiding an entry needs a reason", path: ["reason"] },
  );

/** All that was said of an incident, and what lies ready to be said. */
export type IncidentRemarksView = {
  readonly id: string;
  readonly publication: Publication;
  readonly draft: PublicUpdate;
  readonly remarks: readonly Remark[];
};

const publicationSchema: z.ZodType<Publication> = z.object({
  isFelt: z.boolean(),
  detectedAtMs: moment,
  deadlineAtMs: moment,
  autoAtMs: moment,
  firstPostedAtMs: moment.nullable(),
  firstPostedBy: z.string().nullable(),
  isInTime: z.boolean().nullable(),
  status: publicStatus.nullable(),
  unsaid: severity.nullable(),
  disclosure,
});

export const incidentRemarksViewSchema: z.ZodType<IncidentRemarksView> = z.object({
  id: z.string(),
  publication: publicationSchema,
  draft: updateSchema,
  remarks: z.array(remarkSchema),
});

export type MaintenanceRequest = Pick<
  Maintenance,
  "title" | "text" | "components" | "fromMs" | "untilMs" | "by"
>;

export const maintenanceRequestSchema: z.ZodType<MaintenanceRequest> = z
  .object({
    title: z.string().min(1).max(TITLE_LENGTH_MAX),
    text: z.string().max(POST_LENGTH_MAX),
    components: z.array(name).max(COMPONENTS_MAX),
    fromMs: wholeMs,
    untilMs: wholeMs,
    by: name,
  })
  .refine(({ fromMs, untilMs }) => fromMs < untilMs, { message: "it ends before it begins" });

export type MaintenanceEnd = { readonly by: string; readonly reason: string };

export const maintenanceEndSchema: z.ZodType<MaintenanceEnd> = z.object({
  by: name,
  reason: z.string().min(1).max(REASON_LENGTH_MAX),
});

const pageUpdateSchema: z.ZodType<PageUpdate> = z.object({
  id: z.string(),
  atMs: moment,
  status: publicStatus,
  text: z.string().nullable(),
  components: z.array(
    z.object({
      id: name,
      status: z.enum(COMPONENT_STATUSES),
      before: z.enum(COMPONENT_STATUSES),
    }),
  ),
});

const pageCauseSchema: z.ZodType<PageCause> = z.object({
  change: z.object({ model: z.string(), from: z.string(), to: z.string() }),
  measure: kind,
  finding: z.string().nullable(),
  notes: z.array(z.object({ atMs: moment, text: z.string() })),
});

const pageIncidentSchema: z.ZodType<PageIncident> = z.object({
  id: z.string(),
  title: z.string().nullable(),
  impact: severity,
  status: publicStatus,
  components: z.array(z.string()),
  startedAtMs: moment,
  detectedAtMs: moment,
  publishDeadlineAtMs: moment,
  firstPublishedAtMs: moment,
  updatedAtMs: moment,
  monitoringAtMs: moment.nullable(),
  resolvedAtMs: moment.nullable(),
  estimate: z
    .object({ ...estimateFields, isEarly: z.boolean(), isExceeded: z.boolean() })
    .nullable(),
  nextUpdate: z.object({ byMs: moment, isOverdue: z.boolean() }).nullable(),
  cause: pageCauseSchema.nullable(),
  updates: z.array(pageUpdateSchema),
});

const pageMaintenanceSchema: z.ZodType<PageMaintenance> = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  components: z.array(z.string()),
  fromMs: moment,
  untilMs: moment,
  announcedAtMs: moment,
  status: z.enum(["scheduled", "in_progress", "completed", "cancelled"]),
  updatedAtMs: moment,
});

export const pageMaintenancesSchema: z.ZodType<readonly PageMaintenance[]> =
  z.array(pageMaintenanceSchema);

const pageComponentSchema: z.ZodType<PageComponent> = z.object({
  id: name,
  name: z.string(),
  description: z.string(),
  status: z.enum(COMPONENT_STATUSES),
});

export const statusPageSchema: z.ZodType<StatusPage> = z.object({
  title: z.string(),
  url: z.string().nullable(),
  contact: z.string().nullable(),
  indicator: z.enum(["none", "maintenance", "minor", "major", "critical"]),
  sinceMs: moment,
  updatedAtMs: moment,
  components: z.array(pageComponentSchema),
  incidents: z.array(pageIncidentSchema),
  maintenances: pageMaintenancesSchema,
});

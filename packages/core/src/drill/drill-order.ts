// How a model's way back is to be rehearsed, as slipway.yaml says.

/** How a model is drilled, as slipway.yaml says. */
export type DrillOrder = {
  /** Cron expression, by the controller's time zone; null for when somebody asks. */
  readonly schedule: string | null;
  /** Gateways that get the synthetic traffic, up to and with `/v1`. */
  readonly gateways: readonly string[];
  /** Environment variable of the key for them, of whoever runs the drill; null for none. */
  readonly keyEnv: string | null;
  /** From the fault to the decision to go back, at most. */
  readonly detectMsMax: number;
  /** From that decision to the last gateway's confirmation, at most. */
  readonly confirmMsMax: number;
};

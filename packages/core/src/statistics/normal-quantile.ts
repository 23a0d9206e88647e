// The value below which a standard normal lies with a given chance: normal.ts the other way round.
//
// Source: Wichura 1988, Algorithm AS 241, PPND7 (seven figures).

/** Chances nearer the middle than this have a fraction of their own. */
const MIDDLE = 0.425;
const TAIL_SPLIT = 5;

/** `chance` in (0, 1). */
export function normalQuantile(chance: number): number {
  const q = chance - 0.5;
  if (Math.abs(q) <= MIDDLE) return q * middleFraction(MIDDLE * MIDDLE - q * q);
  const r = Math.sqrt(-Math.log(Math.min(chance, 1 - chance)));
  const size = r <= TAIL_SPLIT ? nearTail(r - 1.6) : farTail(r - TAIL_SPLIT);
  return q < 0 ? -size : size;
}

function middleFraction(r: number): number {
  const above = ((59.109_374_72 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9;
  const below = ((67.187_563_6 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1;
  return above / below;
}

function nearTail(r: number): number {
  const above = ((0.170_238_21 * r + 1.306_728_481_6) * r + 2.756_815_39) * r + 1.423_437_277_7;
  const below = (0.120_211_32 * r + 0.737_001_645) * r + 1;
  return above / below;
}

function farTail(r: number): number {
  const above =
    ((0.017_337_203_997 * r + 0.428_682_943_37) * r + 3.081_226_386) * r + 6.657_905_115;
  const below = (0.012_258_202_635 * r + 0.241_978_942_25) * r + 1;
  return above / below;
}

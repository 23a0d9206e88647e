// Dates of the calendar as numbers, for a package without Date: local times are milliseconds since 1970-01-01T00:00 on
// the clock that shows them.

export const MINUTE_MS = 60_000;
export const DAY_MS: number = 24 * 60 * MINUTE_MS;
export const WEEK_MS: number = 7 * DAY_MS;

/** Days since 1970-01-01 of a date of the Gregorian calendar: 400 years always have 146,097 days. */
export function dayOf(year: number, month: number, day: number): number {
  // Years that begin in March end with their leap day.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

/** 2026-11-30 07:00 UTC. */
export function utcText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const { year, month, day } = dateOf(Math.floor(ms / DAY_MS));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hour = Math.floor(minutes / 60) - Math.floor(ms / DAY_MS) * 24;
  const minute = minutes - Math.floor(minutes / 60) * 60;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} UTC`;
}

type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** The date that lies so many days after 1970-01-01. */
export function dateOf(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

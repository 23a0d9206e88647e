// The value at one place of a sorted column, without sorting it.
//
// Source: C. A. R. Hoare, Algorithm 65: Find, 1961, with the middle one as the pivot.

/** The value that would be at this place, were the column's first so many values sorted. Reorders them. */
export function selected(column: Float64Array, length: number, place: number): number {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const end = parted(column, low, high);
    if (place <= end) high = end;
    else low = end + 1;
  }
  return column[place] ?? 0;
}

/** Brings what is at most a pivot before what is at least it, and says where the former end. */
function parted(column: Float64Array, low: number, high: number): number {
  const pivot = column[(low + high) >> 1] ?? 0;
  let [i, j] = [low - 1, high + 1];
  for (;;) {
    do i++;
    while ((column[i] ?? 0) < pivot);
    do j--;
    while ((column[j] ?? 0) > pivot);
    if (i >= j) return j;
    const swapped = column[i] ?? 0;
    column[i] = column[j] ?? 0;
    column[j] = swapped;
  }
}

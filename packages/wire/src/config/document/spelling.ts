// "Did you mean": the nearest of some words.

/** The word nearest to a misspelt one; null when none is near. */
export function nearest(misspelt: string, words: readonly string[]): string | null {
  const wrong = plain(misspelt);
  let best: string | null = null;
  let distanceMin = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const word of words) {
    const distance = distanceOf(wrong, plain(word));
    if (distance < distanceMin) {
      best = word;
      distanceMin = distance;
    }
  }
  return best;
}

/** minRequests, min_requests and min-requests are the same word to whoever types them. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, "");
}

/** Edits that turn one word into the other: insert, remove, replace, or swap neighbours. */
function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? at(rows, i - 2, j - 2) + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
}

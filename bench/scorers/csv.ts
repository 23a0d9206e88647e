// Reads CSV with quotes, as people who label answers write it: a field may hold commas, quotes and lines.

/** Rows by the names of the first line. */
export function csvRows(text: string): readonly Readonly<Record<string, string>>[] {
  const [names = [], ...rows] = recordsOf(text);
  return rows.map((fields) =>
    Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""])),
  );
}

function recordsOf(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let fields: string[] = [];
  for (const { groups = {} } of text.matchAll(FIELD)) {
    const { quoted, plain = "", end = "" } = groups;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "") records.push(fields);
    fields = [];
  }
  return records;
}

const FIELD = /(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^",\r\n]*))(?<end>,|\r?\n|$)/g;

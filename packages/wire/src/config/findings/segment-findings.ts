// Segments that nothing could ever tell.

import { DETECTED } from "@slipway/core";
import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { error, type Finding } from "../document/problem.ts";

export function segmentFindings(model: Located): readonly Finding[] {
  const segments = nodeAt(model, ["policy", "segments"]);
  return entriesOf(segments).flatMap(([name, segment]) => {
    const isSaid = ["header", "field"].some((key) => nodeAt(segment, [key]) !== null);
    const isFound =
      DETECTED.some((detected) => detected === name) &&
      nodeAt(segment, ["detect"])?.value !== false;
    if (isSaid || isFound || segments === null) return [];
    return [
      error(
        keyAt(segments, [name]) ?? segment.span,
        `nothing tells the segment ${name}`,
        `name its header or its field; without them a gateway finds out ${DETECTED.join(", ")} alone`,
      ),
    ];
  });
}

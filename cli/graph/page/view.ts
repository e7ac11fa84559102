import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";

export interface View {
  scaleBy(factor: number): void;
  /** Shows all of the picture. */
  fit(): void;
  /** Shows the first of some parts large, and with it the others if there is room. */
  zoomTo(parts: readonly SVGGraphicsElement[]): void;
  /** Moves the picture if not all of the parts are in sight; if there is no room for them, the first of them counts. */
  reveal(parts: readonly SVGGraphicsElement[]): void;
}

/** Below this scale text cannot be read: a picture that would have to be smaller begins at its top. */
const readable = 0.55;

/** Around what is shown, px. */
const margin = 16;

/** Pan and zoom of a picture whose content is in its element `.view`. */
export function makeView(picture: SVGSVGElement): View {
  const content = picture.querySelector<SVGGElement>(".view")!;
  const size = { width: Number(picture.dataset.width), height: Number(picture.dataset.height) };
  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([0.03, 4])
    .on("zoom", ({ transform }: { transform: { toString(): string } }) => {
      content.setAttribute("transform", transform.toString());
    });
  const canvas = select(picture).call(behaviour);

  /** Puts a box, in the picture's own lengths, into the middle. */
  const show = (box: Box, scale: number) => {
    const { width, height } = picture.getBoundingClientRect();
    const x = width / 2 - scale * (box.x + box.width / 2);
    const y = height / 2 - scale * (box.y + box.height / 2);
    canvas.call((selection) => behaviour.transform(selection, zoomIdentity.translate(x, y).scale(scale)));
  };
  /** The scale at which a box fills what there is to see. */
  const roomFor = (box: Pick<Box, "width" | "height">) => {
    const { width, height } = picture.getBoundingClientRect();
    return Math.min((width - 2 * margin) / box.width, (height - 2 * margin) / box.height);
  };
  const fit = () => show({ x: 0, y: 0, ...size }, Math.min(1, roomFor(size)));
  const begin = () => {
    if (roomFor(size) >= readable) {
      fit();
      return;
    }
    const across = Math.min(1, roomFor({ width: size.width, height: 1 }));
    const { height } = picture.getBoundingClientRect();
    show({ x: 0, y: 0, width: size.width, height: height / across }, across);
  };
  begin();

  /**
   * Shows all parts at a scale, or smaller where there is no room. Where that would be too small, the first one, with
   * all of the picture to its left and right if that can be read.
   */
  const showParts = (parts: readonly SVGGraphicsElement[], scale: number) => {
    const boxes = parts.map((part) => anchor(part).getBBox());
    const { y, height } = boxes[0]!;
    const row = { x: 0, y, width: size.width, height };
    for (const box of [around(boxes), row]) {
      const room = roomFor(box);
      if (room >= readable) {
        show(box, Math.min(scale, room));
        return;
      }
    }
    show(boxes[0]!, scale);
  };
  const isInSight = (part: SVGGraphicsElement) => {
    const [inside, frame] = [anchor(part).getBoundingClientRect(), picture.getBoundingClientRect()];
    return (
      inside.left >= frame.left &&
      inside.right <= frame.right &&
      inside.top >= frame.top &&
      inside.bottom <= frame.bottom
    );
  };
  return {
    scaleBy: (factor) => canvas.call((selection) => behaviour.scaleBy(selection, factor)),
    fit,
    zoomTo: (parts) => showParts(parts, Math.max(1, zoomTransform(picture).k)),
    reveal: (parts) => {
      if (!parts.every(isInSight)) {
        showParts(parts, zoomTransform(picture).k);
      }
    },
  };
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function around(boxes: readonly Box[]): Box {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Where a part is: an edge's row rather than all of its lines. */
function anchor(part: SVGGraphicsElement): SVGGraphicsElement {
  return part.querySelector<SVGGraphicsElement>("rect") ?? part;
}

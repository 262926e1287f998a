// Measures the conversion of one PNG against native GDAL: `node functions/rasters/conversion/native/measure-conversion.ts <side>…`.
// Prints a line of docs/rasters.md for each side. Needs Debian's gdal-bin and python3-gdal, and time.
import { convert } from '../run-raster-job.ts';
import { type Cost, compareCost } from './compare-cost.ts';

const show = ({ took, processor, megabytes }: Cost) =>
  `${took.toFixed(1)} s | ${processor.toFixed(1)} s | ${megabytes.toFixed(0)} MB`;

async function convertOnce(thread: string, input: string, folder: string): Promise<void> {
  const { signal } = new AbortController();
  await convert({ input, folder, maxBytes: Number.MAX_SAFE_INTEGER, georeference: null }, { thread, signal });
}

function measure(side: number): string {
  const { png, result, ours, native } = compareCost(side);
  const cells = [
    `${side}²`,
    ...[png, result].map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`),
    ...[show(ours), show(native), (ours.processor / native.processor).toFixed(2)],
  ];
  return `| ${cells.join(' | ')} |`;
}

const [first, thread = '', input = '', folder = ''] = process.argv.slice(2);
if (first === 'convert') await convertOnce(thread, input, folder);
else for (const side of process.argv.slice(2)) console.log(measure(Number(side)));

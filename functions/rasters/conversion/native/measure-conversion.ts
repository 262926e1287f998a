// Measures the conversion of one PNG against native GDAL: `node functions/rasters/conversion/native/measure-conversion.ts <side>…`.
// Prints a line of docs/rasters.md for each side. Needs Debian's gdal-bin and python3-gdal, and time.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convert } from '../run-raster-job.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A photo-like RGB image of this many pixels a side. */
const makePng = `
import sys, numpy as np
from osgeo import gdal
side, target = int(sys.argv[1]), sys.argv[2]
noise = np.random.default_rng(1)
image = gdal.GetDriverByName("GTiff").Create(target + ".tif", side, side, 3, gdal.GDT_Byte, ["INTERLEAVE=PIXEL", "BIGTIFF=YES"])
x = np.arange(side) / side
for top in range(0, side, 512):
    y = (np.arange(top, min(top + 512, side)) / side)[:, None]
    for band in range(3):
        wave = 110 + 60 * np.sin(6.28 * (3 * x + (band + 2) * y)) + 40 * np.sin(6.28 * (17 * x * y + band))
        image.GetRasterBand(band + 1).WriteArray(np.clip(wave + noise.normal(0, 3, wave.shape), 0, 255), 0, top)
image = None
gdal.Translate(target, target + ".tif", format="PNG", creationOptions=["ZLEVEL=3"])
`;

/** Seconds that a program took, those of processor time, and the most memory that it had. */
function run(program: readonly string[]): { took: number; processor: number; megabytes: number } {
  const wrapped = `
import resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:], check=True)
took = time.monotonic() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
`;
  const printed = execFileSync('/usr/bin/python3', ['-c', wrapped, ...program], { encoding: 'utf8' });
  const [took = 0, processor = 0, megabytes = 0] = printed.trim().split(' ').map(Number);
  return { took, processor, megabytes };
}

const show = ({ took, processor, megabytes }: ReturnType<typeof run>) =>
  `${took.toFixed(1)} s | ${processor.toFixed(1)} s | ${megabytes.toFixed(0)} MB`;

async function convertOnce(thread: string, input: string, folder: string): Promise<void> {
  const { signal } = new AbortController();
  await convert({ input, folder, maxBytes: Number.MAX_SAFE_INTEGER, georeference: null }, { thread, signal });
}

function measure(side: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'celeriac-measure-'));
  try {
    const png = join(folder, 'source.png');
    execFileSync('/usr/bin/python3', ['-c', makePng, String(side), png]);
    rmSync(`${png}.tif`);
    const bundle = join(folder, 'bundle');
    mkdirSync(bundle);
    execFileSync(process.execPath, [here('../../../../cdk/bundle-raster-thread.ts'), bundle]);
    const thread = join(bundle, 'raster-thread.js');
    const native = join(folder, 'native.tif');
    const options = ['-of', 'COG', '-co', 'COMPRESS=LZW', '-co', 'PREDICTOR=YES'];
    const gdal = run(['gdal_translate', '-q', ...options, png, native]);
    const ours = run([process.execPath, here('measure-conversion.ts'), 'convert', thread, png, folder]);
    const cells = [
      `${side}²`,
      `${(statSync(png).size / 1e6).toFixed(0)} MB`,
      `${(statSync(join(folder, 'geo-raster.tif')).size / 1e6).toFixed(0)} MB`,
      show(ours),
      show(gdal),
      (ours.processor / gdal.processor).toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [first, thread = '', input = '', folder = ''] = process.argv.slice(2);
if (first === 'convert') await convertOnce(thread, input, folder);
else for (const side of process.argv.slice(2)) console.log(measure(Number(side)));

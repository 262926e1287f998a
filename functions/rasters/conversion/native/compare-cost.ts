import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
export interface Cost {
  readonly took: number;
  readonly processor: number;
  readonly megabytes: number;
}

function run(program: readonly string[]): Cost {
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

/** One conversion of a photo-like PNG, natively and by us, each in a process of its own. Sizes in bytes. */
export interface ComparedCost {
  readonly png: number;
  readonly result: number;
  readonly ours: Cost;
  readonly native: Cost;
}

/** Converts an RGB PNG of so many pixels a side with `gdal_translate -of COG` and as it is deployed. */
export function compareCost(side: number): ComparedCost {
  const folder = mkdtempSync(join(tmpdir(), 'celeriac-measure-'));
  try {
    const png = join(folder, 'source.png');
    execFileSync('/usr/bin/python3', ['-c', makePng, String(side), png]);
    rmSync(`${png}.tif`);
    const bundle = join(folder, 'bundle');
    mkdirSync(bundle);
    execFileSync(process.execPath, [here('../../../../cdk/bundle-raster-thread.ts'), bundle]);
    const thread = join(bundle, 'raster-thread.js');
    const options = ['-of', 'COG', '-co', 'COMPRESS=LZW', '-co', 'PREDICTOR=YES'];
    const native = run(['gdal_translate', '-q', ...options, png, join(folder, 'native.tif')]);
    const ours = run([process.execPath, here('measure-conversion.ts'), 'convert', thread, png, folder]);
    const result = statSync(join(folder, 'geo-raster.tif')).size;
    return { png: statSync(png).size, result, ours, native };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

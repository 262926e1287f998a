import { bundleRasterThread } from './constructs/raster-thread.ts';

// CDK's hooks around bundling are shell commands, so this is a program: its argument is the asset's folder.
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('give the folder to bundle into');
await bundleRasterThread(folder);

import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import { changeTreeItem } from './change-tree-item.ts';
import { findUnfinished } from './find-unfinished.ts';
import { recogniseContent } from './recognise-content.ts';
import { confirmUploadRoute } from './routes.ts';
import { applyGeoreferencing, convertToGeoRaster } from './specs.ts';
import { geoRasterOf, originalKey, type TreeItem } from './tree-item.ts';
import type { FileExchange, StoredFile, UploadedPart } from './tree-item-files.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';
import { viewTreeItem } from './tree-item-views.ts';

type ConfirmPorts = Pick<TreeItemPorts, 'items' | 'files' | 'pipeline'>;

/** See {@link confirmUploadRoute}. Asked again about the same file it says the same. */
export function confirmUpload(ports: ConfirmPorts): RouteHandler {
  return implementRoute(confirmUploadRoute, async ({ params, body, caller }) => {
    const whose = { tenant: caller.tenant, id: params.item_id };
    const item = await changeTreeItem(ports.items, whose, (current) => check(ports, current, body.parts));
    return { body: viewTreeItem(item) };
  });
}

/** Null when others have changed the item first. */
async function check(
  ports: ConfirmPorts,
  item: TreeItem,
  parts: readonly UploadedPart[] | undefined,
): Promise<TreeItem | null> {
  const file = await receive(ports.files, item, parts);
  if (item.original?.etag === file.etag) return item;
  if (item.original !== null) await mustBeReplaceable(ports, item);
  if (file.size !== item.size) throw wrongSize(item, file);
  const now = ports.pipeline.clock.now();
  const next: TreeItem = {
    ...item,
    contentType: contentTypeOf(file),
    multipart: null,
    original: { etag: file.etag, uploadedAt: now },
    probe: null,
    updatedAt: now,
    revision: item.revision + 1,
  };
  return (await ports.items.save(next)) ? next : null;
}

/** The uploaded file, its parts put together. */
async function receive(
  files: FileExchange,
  item: TreeItem,
  parts: readonly UploadedPart[] | undefined,
): Promise<StoredFile> {
  const key = originalKey(item);
  if (item.multipart !== null) await complete(files, key, item.multipart, parts);
  else if (parts !== undefined && item.original === null) throw partsUnwanted();
  const file = await files.inspect(key);
  if (file !== null) return file;
  const fix = 'upload it to the address that was answered when the item was made';
  throw new Problem('conflict', `the file of tree item ${item.id} is not there: ${fix}`);
}

async function complete(
  files: FileExchange,
  key: string,
  { uploadId, parts: count }: NonNullable<TreeItem['multipart']>,
  parts: readonly UploadedPart[] | undefined,
): Promise<void> {
  if (parts === undefined) throw partsNeeded(count);
  mustBeAll(count, parts);
  try {
    await files.complete(key, uploadId, parts);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'AbortError' || error.name === 'TimeoutError') throw notYetComplete();
    const isGone = error.name === 'UploadGone';
    if (!isGone && error.name !== 'UploadIncomplete') throw error;
    // Put together by a request before, whose answer or save was lost.
    if (isGone && (await files.inspect(key)) !== null) return;
    const { message } = error;
    throw new Problem('conflict', message, { errors: [{ path: 'parts', message }] });
  }
}

/** S3 makes a file of whatever parts it is told, and then those that were left out are lost. */
function mustBeAll(count: number, parts: readonly UploadedPart[]): void {
  const numbers = new Set(parts.map(({ number }) => number));
  if (parts.length === count && numbers.size === count && Math.max(...numbers) === count) return;
  const message = `each part from 1 to ${count} must be named once: these are ${parts.length} with ${numbers.size} different numbers up to ${Math.max(...numbers)}`;
  throw validationProblem([{ path: 'parts', message }]);
}

/** What was made of a file, or is being made, must not be shown for another one. */
async function mustBeReplaceable({ pipeline }: ConfirmPorts, item: TreeItem): Promise<void> {
  if (geoRasterOf(item) !== null) {
    const reason = 'a geo-raster was made of the one before; make a new item for it';
    throw new Problem('conflict', `tree item ${item.id} cannot take another file: ${reason}`);
  }
  for (const spec of [convertToGeoRaster, applyGeoreferencing]) {
    const task = await findUnfinished(pipeline, spec, item);
    if (task === null) continue;
    const reason = `task ${task.taskId} works on the one before; cancel it first, or make a new item`;
    throw new Problem('conflict', `tree item ${item.id} cannot take another file: ${reason}`, {
      headers: { location: `/api/v1/tasks/${task.taskId}` },
    });
  }
}

function contentTypeOf({ head }: StoredFile): string {
  const recognised = recogniseContent(head);
  if (recognised === null) return 'application/octet-stream';
  if (recognised.isRaster) return recognised.mediaType;
  const message = `the uploaded file is ${recognised.name}, which cannot become a geo-raster: upload an image of another format`;
  throw validationProblem([{ path: 'item_id', message }]);
}

function wrongSize(item: TreeItem, file: StoredFile): Problem {
  const sizes = `the uploaded file has ${file.size} bytes, but ${item.size} were declared`;
  return new Problem('conflict', `${sizes}: upload it whole, or make a new item with its size`);
}

function partsNeeded(count: number): Problem {
  const message = `the file was to be uploaded in ${count} parts: name each with its number and the ETag that was answered`;
  return validationProblem([{ path: 'parts', message }]);
}

function notYetComplete(): Problem {
  const detail = 'S3 is still putting the parts together: send the same request again';
  return new Problem('timed-out', detail, { headers: { 'retry-after': '5' } });
}

function partsUnwanted(): Problem {
  const message = 'the file was to be uploaded by one request: leave the parts out';
  return validationProblem([{ path: 'parts', message }]);
}

import type * as z from 'zod';
import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { validationProblem } from '#functions/runtime/problem.ts';
import { type Georeference, placeImage } from './conversion/georeference.ts';
import { createTreeItemRoute } from './routes.ts';
import { originalKey, type TreeItem } from './tree-item.ts';
import type { UploadForm } from './tree-item-files.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';
import { type createdItemView, viewTreeItem } from './tree-item-views.ts';

/** See {@link createTreeItemRoute}. */
export function createTreeItem({
  items,
  files,
  pipeline: { clock, newId },
}: Pick<TreeItemPorts, 'items' | 'files' | 'pipeline'>): RouteHandler {
  return implementRoute(createTreeItemRoute, async ({ body, caller }) => {
    const { name, size, content_type: contentType, georeference } = body;
    if (georeference !== null) mustHaveExtent(georeference);
    const id = newId();
    const { form, uploadId, expiresAt } = await files.begin({ key: originalKey({ id }), size, contentType });
    const now = clock.now();
    const created: TreeItem = {
      ...{ id, tenant: caller.tenant, name, size, contentType, georeference },
      multipart: uploadId !== null && 'parts' in form ? { uploadId, parts: form.parts.length } : null,
      original: null,
      probe: null,
      makings: { converted: null, georeferenced: null },
      rasters: { converted: null, georeferenced: null },
      createdAt: now,
      updatedAt: now,
      revision: 1,
    };
    await items.add(created);
    return {
      headers: { location: `/api/v1/tree-items/${id}` },
      body: { ...viewTreeItem(created), upload: viewUpload(form, expiresAt) },
    };
  });
}

function viewUpload(form: UploadForm, expiresAt: number): z.input<typeof createdItemView>['upload'] {
  const expires_at = new Date(expiresAt).toISOString();
  return 'parts' in form ? { ...form, parts: [...form.parts], expires_at } : { ...form, expires_at };
}

/** What no conversion could use is refused now, not after the upload. */
function mustHaveExtent(place: Georeference): void {
  try {
    placeImage(place, 1, 1);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RasterRefused') throw error;
    throw validationProblem([{ path: 'georeference', message: error.message }]);
  }
}

import type { RouteHandler } from '#functions/runtime/implement-route.ts';
import { checkControlPoints } from './check-control-points.ts';
import { confirmUpload } from './confirm-upload.ts';
import { conversionStatus } from './conversion-status.ts';
import { createTreeItem } from './create-tree-item.ts';
import { deleteTreeItem } from './delete-tree-item.ts';
import { downloadTreeItem } from './download-tree-item.ts';
import { listTreeItems } from './list-tree-items.ts';
import { probeTreeItem } from './probe-tree-item.ts';
import { readTreeItem } from './read-tree-item.ts';
import { resetGeoreferencing } from './reset-georeferencing.ts';
import { startConversion } from './start-conversion.ts';
import { startGeoreferencing } from './start-georeferencing.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** The work of every route of tree items. */
export function treeItemHandlers(ports: TreeItemPorts): readonly RouteHandler[] {
  return [
    createTreeItem(ports),
    confirmUpload(ports),
    listTreeItems(ports.items),
    readTreeItem(ports.items),
    deleteTreeItem(ports),
    downloadTreeItem(ports),
    startConversion(ports),
    conversionStatus(ports),
    probeTreeItem(ports),
    checkControlPoints(ports.items),
    startGeoreferencing(ports),
    resetGeoreferencing(ports),
  ];
}

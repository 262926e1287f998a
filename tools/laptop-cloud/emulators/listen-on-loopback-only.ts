import { Server } from 'node:net';

/**
 * Makes every server of this thread listen on 127.0.0.1, whatever address it asks for: fauxqs asks for
 * 0.0.0.0 and cannot be told otherwise.
 */
export function listenOnLoopbackOnly(): void {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const [first, ...rest] = args;
    if (typeof first !== 'object' || first === null || !('port' in first)) {
      throw new Error('A server listens in a form that cannot be held to 127.0.0.1: pass { port }');
    }
    return Reflect.apply(listen, this, [{ ...first, host: '127.0.0.1' }, ...rest]);
  };
}

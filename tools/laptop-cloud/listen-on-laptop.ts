import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Binds a server to 127.0.0.1.
 * @param port 0 for a free one
 * @returns the URL, without a slash at the end
 * @throws Error of one line when the port is taken
 */
export async function listenOnLaptop(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      throw new Error(`port ${port} is taken: stop the other program or pass --port N`, { cause });
    }
    throw cause;
  }
  return `http://127.0.0.1:${addressOf(server).port}`;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no TCP port');
  return address;
}

/** Stops a server and cuts its connections; may be called again. */
export async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** The pipeline's own stores failed an attempt: no fault of its work, so that no retry policy rules it out. */
export class PipelineFault extends Error {
  override name = 'PipelineFault';
}

/** Reads or records something for an attempt; throws PipelineFault, with its cause, for whatever the store throws. */
export async function asPipelineFault<Value>(what: string, ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    // What JSON cannot carry is the work's own fault, and what is gone has a name of its own.
    if (error instanceof Error && (error.name === 'NotJson' || error.name === 'PayloadMissing')) throw error;
    throw new PipelineFault(`the pipeline could not ${what}`, { cause: error });
  }
}

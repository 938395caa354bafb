import { exitCodes } from './failure.js';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Does something that leaves traces for as long as it takes: a signal ends the process only after `cleanUp`. */
export async function cleanedUpOnSignal<T>(cleanUp: () => void, work: () => Promise<T>): Promise<T> {
  const end = () => {
    cleanUp();
    process.exit(exitCodes.connection);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

/** How much of the daemon guests can have. Times are in milliseconds, sizes in bytes. */
export interface Limits {
  /** Open connections of one guest, of the guests of one network, and of all. */
  readonly connectionsPerGuest: number;
  readonly connectionsPerNetwork: number;
  readonly connections: number;
  /** Request line and headers. */
  readonly headerSize: number;
  /** Until a request's headers are there, from the connection or the answer before. */
  readonly requestTime: number;
  /** Until an answer is taken. */
  readonly answerTime: number;
  /** From the first to the last byte of a connection, whatever it is used for. */
  readonly connectionTime: number;
  readonly requestsPerConnection: number;
  /** Requests that one guest gets answered at once, and how many more a second; what is above waits. */
  readonly burst: number;
  readonly rate: number;
}

/** cloud-init asks some 30 questions on one connection each; user data is at most about 1 MB. */
export const defaultLimits: Limits = {
  connectionsPerGuest: 16,
  connectionsPerNetwork: 256,
  connections: 8192,
  headerSize: 8 * 1024,
  requestTime: 10_000,
  answerTime: 30_000,
  connectionTime: 60_000,
  requestsPerConnection: 100,
  burst: 200,
  rate: 100,
};

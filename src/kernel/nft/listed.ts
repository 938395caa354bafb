/** An object as the kernel lists it: with the handle, a number the kernel gave it that is never used again in its table. */
export type Listed<T> = T & { readonly handle: number };

/** One instruction: the expression's name in the kernel and its attributes (native/codec/nft/expression.cpp). */
export interface Expression {
  readonly name: string;
  readonly data?: object;
}

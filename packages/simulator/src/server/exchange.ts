// A request and the way its answer goes out, without a transport: real HTTP and virtual time both speak it.

export type ServerRequest = {
  readonly method: string;
  /** As received; a query is allowed. */
  readonly path: string;
  /** Of the headers only this one means anything here. */
  readonly authorization: string | undefined;
  readonly body: string;
};

/** `head`, any number of chunks, `end`; or `cut` at any point, also before the head. Nothing after either. */
export type Reply = {
  readonly head: (status: number, headers: { readonly [name: string]: string }) => void;
  readonly chunk: (text: string) => void;
  readonly end: () => void;
  /** Breaks the connection. */
  readonly cut: () => void;
};

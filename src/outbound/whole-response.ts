const utf8 = new TextDecoder()

/** A response whose body has arrived: reading it takes no stream, which would cost more. */
export class WholeResponse extends Response {
  readonly #content: Buffer<ArrayBuffer>
  readonly #headers: Headers
  #isUsed = false

  constructor(
    content: Buffer<ArrayBuffer>,
    { status, headers }: { readonly status: number; readonly headers: Headers },
  ) {
    super(null, { status })
    this.#content = content
    this.#headers = headers
  }

  /** Given as they are, since `Response` would copy each. */
  override get headers(): Headers {
    return this.#headers
  }

  override get body(): Response['body'] {
    return this.#isUsed ? null : new Response(this.#content).body
  }

  override get bodyUsed(): boolean {
    return this.#isUsed
  }

  override clone(): WholeResponse {
    if (this.#isUsed) throw alreadyRead()
    return new WholeResponse(this.#content, { status: this.status, headers: new Headers(this.#headers) })
  }

  override async text(): Promise<string> {
    return utf8.decode(this.#take())
  }

  override async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(this.#take())
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  override async blob(): Promise<Blob> {
    return new Response(this.#take(), { headers: this.headers }).blob()
  }

  override async formData(): Promise<FormData> {
    return new Response(this.#take(), { headers: this.headers }).formData()
  }

  #take(): Buffer<ArrayBuffer> {
    if (this.#isUsed) throw alreadyRead()
    this.#isUsed = true
    return this.#content
  }
}

const alreadyRead = () => new TypeError('the body was read before')

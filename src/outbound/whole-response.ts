/** A response whose body has arrived: a stream would cost more than reading it. */

export class WholeResponse extends Response {
  readonly #content: Buffer<ArrayBuffer>
  #used = false

  constructor(content: Buffer<ArrayBuffer>, init: ResponseInit) {
    super(null, init)
    this.#content = content
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#used ? null : new Response(this.#content).body
  }

  override get bodyUsed(): boolean {
    return this.#used
  }

  override clone(): WholeResponse {
    const { status, statusText, headers } = this
    return new WholeResponse(this.#take('keep'), { status, statusText, headers })
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(this.#take())
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
    return new Blob([this.#take()], { type: this.headers.get('content-type') ?? '' })
  }

  override async formData(): Promise<FormData> {
    return new Response(this.#take(), { headers: this.headers }).formData()
  }

  #take(afterwards: 'keep' | 'used' = 'used'): Buffer<ArrayBuffer> {
    if (this.#used) throw new TypeError('the body was read before')
    this.#used = afterwards === 'used'
    return this.#content
  }
}

import { describe, expect, it } from 'vitest'
import { WholeResponse } from '../../src/outbound/whole-response.ts'

const made = (text: string, type = 'application/json') =>
  new WholeResponse(Buffer.from(text), { status: 201, headers: new Headers({ 'content-type': type }) })

describe('a response whose body has arrived', () => {
  it('is read as usual, with status and headers', async () => {
    const response = made('{"name":"Ünal"}')
    expect(response).toBeInstanceOf(Response)
    expect([response.status, response.ok, response.headers.get('content-type')]).toEqual([
      201,
      true,
      'application/json',
    ])
    expect(await response.json()).toEqual({ name: 'Ünal' })
    expect(await made('Ünal').text()).toBe('Ünal')
    expect(Buffer.from(await made('Ünal').bytes()).toString()).toBe('Ünal')
    expect(Buffer.from(await made('Ünal').arrayBuffer()).toString()).toBe('Ünal')
    expect(await (await made('Ünal', 'text/plain').blob()).text()).toBe('Ünal')
    expect((await made('a=1', 'application/x-www-form-urlencoded').formData()).get('a')).toBe('1')
    expect(await new Response(made('Ünal').body).text()).toBe('Ünal')
  })

  it('can be read once', async () => {
    const response = made('{}')
    expect(response.bodyUsed).toBe(false)
    await response.text()
    expect(response.bodyUsed).toBe(true)
    await expect(response.json()).rejects.toThrow(TypeError)
  })

  it('can be read again from a clone', async () => {
    const response = made('{"a":1}')
    const copy = response.clone()
    expect([copy.status, copy.headers.get('content-type')]).toEqual([201, 'application/json'])
    expect([await response.json(), await copy.json()]).toEqual([{ a: 1 }, { a: 1 }])
    expect(() => response.clone()).toThrow(TypeError)
  })

  it('throws for invalid JSON as usual', async () => {
    await expect(made('<html>').json()).rejects.toThrow(SyntaxError)
  })
})

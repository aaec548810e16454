import { describe, expect, it } from 'vitest'
import { ReceivedHeaders } from '../../src/outbound/received-headers.ts'

const made = () =>
  new ReceivedHeaders({ 'content-type': ' text/plain ', 'set-cookie': ['a=1', 'b=2'], 'x-many': 'one, two' })

describe('received headers', () => {
  it('are read by name in any case, and absent ones are null', () => {
    const headers = made()
    expect(headers).toBeInstanceOf(Headers)
    expect([headers.get('Content-Type'), headers.get('x-many'), headers.get('set-cookie')]).toEqual([
      'text/plain',
      'one, two',
      'a=1, b=2',
    ])
    expect([headers.get('constructor'), headers.has('link'), headers.has('X-MANY')]).toEqual([null, false, true])
  })

  const usual = new Headers([
    ['content-type', 'text/plain'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['x-many', 'one, two'],
  ])

  it('list and copy like other headers', () => {
    expect([...made()]).toEqual([...usual])
    expect([...made().entries()]).toEqual([...usual])
    expect([...made().keys()]).toEqual([...usual.keys()])
    expect([...made().values()]).toEqual([...usual.values()])
    expect([...new Headers(made())]).toEqual([...usual])
    expect([...new Response(null, { headers: made() }).headers]).toEqual([...usual])
    expect(made().getSetCookie()).toEqual(['a=1', 'b=2'])
    const seen: string[] = []
    made().forEach((value, name) => {
      seen.push(`${name}: ${value}`)
    })
    expect(seen).toHaveLength(4)
  })

  it('change like other headers', () => {
    const headers = made()
    headers.set('content-type', 'text/html')
    headers.append('x-many', 'three')
    headers.delete('set-cookie')
    expect([headers.get('content-type'), headers.get('x-many'), headers.has('set-cookie')]).toEqual([
      'text/html',
      'one, two, three',
      false,
    ])
  })
})

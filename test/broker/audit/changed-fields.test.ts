import { describe, expect, it } from 'vitest'
import { changedFields, type ShownFields } from '../../../src/broker/audit/changed-fields.ts'

interface Thing {
  readonly name: string
  readonly uris?: readonly string[]
  readonly logo?: string
  readonly secret: string
  readonly at?: Date
}
const shown: ShownFields<Required<Thing>> = {
  name: 'value',
  uris: 'value',
  logo: 'presence',
  secret: 'never',
  at: 'value',
}
const thing: Thing = { name: 'Shop', uris: ['a'], secret: 'canary', at: new Date(0) }

describe('changedFields', () => {
  it('shows the fields that differ, before and after', () => {
    expect(changedFields<Thing>(shown, thing, { ...thing, uris: ['a', 'b'], secret: 'other', logo: 'data:' })).toEqual({
      names: ['uris', 'logo'],
      before: { uris: ['a'], logo: null },
      after: { uris: ['a', 'b'], logo: true },
    })
  })

  it('shows nothing if only a secret differs', () => {
    expect(changedFields<Thing>(shown, thing, { ...thing, secret: 'other' })).toEqual({ names: [] })
  })

  it('LK-01 shows a new and a removed thing without its secret', () => {
    const values = { name: 'Shop', uris: ['a'], at: '1970-01-01T00:00:00.000Z' }
    expect(changedFields<Thing>(shown, undefined, thing)).toEqual({ names: ['name', 'uris', 'at'], after: values })
    expect(changedFields<Thing>(shown, thing, undefined)).toEqual({ names: ['name', 'uris', 'at'], before: values })
  })
})

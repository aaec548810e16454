import { expect, it } from 'vitest'
import { BoundedMap } from '../../../src/primitives/bounded-map.ts'

it('FT-29 a bounded map forgets what was put in longest ago, and nothing else', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('one', 1)
  map.set('two', 2)
  map.set('one', 11) // anew, so now two is the oldest
  map.set('three', 3)
  expect(['one', 'two', 'three'].map((key) => map.get(key))).toEqual([11, undefined, 3])
  map.delete('one')
  expect(map.get('one')).toBeUndefined()
})

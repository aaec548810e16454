/** K10: resident memory is bounded by default. */
import { describe, expect, it } from 'vitest'
import { heapOptions } from '../../src/cli/deployment/memory.ts'

const started = { options: '', environment: {}, constrainedBytes: undefined }
const megabytes = 1_048_576

describe('K10: the limits of the heap', () => {
  it('K10: default to a fixed size without a container limit', () => {
    expect(heapOptions(started)).toEqual([
      '--heap-growing-percent=100',
      '--max-semi-space-size=16',
      '--max-old-space-size=512',
    ])
  })

  it.each([
    [256, 153],
    [512, 307],
    [4096, 512],
    [64, 64],
  ])('K10: leave memory beside the heap in a container of %d MB', (container, heap) => {
    expect(heapOptions({ ...started, constrainedBytes: container * megabytes }).at(-1)).toBe(
      `--max-old-space-size=${heap}`,
    )
  })

  it('K10: follow GATEHOUSE_HEAP_MB', () => {
    const withVariable = (value: string) => heapOptions({ ...started, environment: { GATEHOUSE_HEAP_MB: value } })
    expect(withVariable('2048').at(-1)).toBe('--max-old-space-size=2048')
    expect(withVariable('off')).toEqual([])
    for (const value of ['12', 'much', '1.5', '-1'])
      expect(() => withVariable(value)).toThrow(/^GATEHOUSE_HEAP_MB must be/)
  })

  it.each(['--max-old-space-size=100', '--max_old_space_size=100', '--max-semi-space-size=1'])(
    'K10: stay as the operator chose them by %s',
    (options) => {
      expect(heapOptions({ ...started, options })).toEqual([])
    },
  )
})

import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { qrCodeSvg } from '../../../src/web/account/factors/qr-code.tsx'

/** The dark modules of a drawing: `M<x> <y>h<width>v1h-<width>z` for each run. */
function modulesOf(svg: string): readonly string[] {
  const runs = [...svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)]
  return runs.flatMap(([, x, y, width]) =>
    Array.from({ length: Number(width) }, (_, offset) => `${Number(x) + offset},${y}`),
  )
}

it.each(['otpauth://totp/Acme:ada%40acme.test?secret=A4DQOBYHA4DQOBYH', `otpauth://totp/${'long%20'.repeat(40)}`])(
  'draws every dark module once, inside a light border of four: %s',
  (text) => {
    const svg = qrCodeSvg(text)
    const { data, size } = encode(text, { ecc: 'M', border: 4 })
    const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : [])))
    expect(modulesOf(svg)).toEqual(dark)
    expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`)
    const positions = dark.flatMap((each) => each.split(',').map(Number))
    expect([Math.min(...positions), Math.max(...positions)]).toEqual([4, size - 5])
  },
)

/** Figures and states on admin pages as HTML. */
import { renderToString } from 'preact-render-to-string'
import { describe, expect, it } from 'vitest'
import { StepLine } from '../../../src/web/admin/connections/state-parts.tsx'
import { Figures, SignInCharts } from '../../../src/web/admin/overview/sign-in-section.tsx'
import { connectionPages } from '../../support/pages/connection-samples.ts'

const startsAt = new Date('2026-11-30T10:00:00Z')
const counts = (signedIn: number, refused: number) => [{ startsAt, signedIn, refused }]

describe('the overview', () => {
  it('counts sign-ins as whole numbers, for one sign-in too', () => {
    const html = renderToString(<SignInCharts signIns={{ lastHour: counts(1, 0), lastDay: counts(1, 0) }} />)
    expect(html).toContain('Sign-ins per 5 minutes, last hour')
    expect(html).toContain('<div class="axis values" aria-hidden="true"><span>1</span><span>0</span></div>')
    expect(html).not.toMatch(/>\d+\.\d+</)
  })

  it.each([
    [0, 'none failed'],
    [2, '2 failed'],
  ])('says of %d failures of the last hour: %s', (refused, text) => {
    const signIns = { lastHour: counts(1, refused), lastDay: counts(1, refused) }
    const html = renderToString(Figures({ overview: { signIns, connections: undefined }, tenant: undefined }))
    expect(html).toContain(`<span class="small">${text}</span>`)
  })
})

describe('the page of a connection', () => {
  it('names the state of the connection once', () => {
    const page = connectionPages()['connection-failing'] ?? ''
    expect(page.match(/>Misconfigured</g)).toHaveLength(1)
  })

  it.each([
    [[1, null, 2], 0],
    [[1, 3, 2], 1],
  ])('draws the line of %j in %d pictures: two points show no course', (p95s, count) => {
    const figures = { step: 'discovery', hour: undefined, day: undefined, p95s }
    const html = renderToString(<StepLine figures={figures} />)
    expect(html.match(/<svg/g) ?? []).toHaveLength(count)
  })
})

import { describe, expect, it } from 'vitest'
import { newsJudge } from '../../../src/web/forward-auth/log-throttle.ts'

describe('news', () => {
  it('is what was not said for a while, of few things at a time', () => {
    let seconds = 0
    const isNews = newsJudge({ now: () => new Date(seconds * 1000), windowSeconds: 60, most: 2 })
    const heard = ['a', 'a', 'b', 'c', 'b'].map(isNews)
    expect(heard).toEqual([true, false, true, false, false])
    seconds = 60
    expect(['a', 'c', 'b'].map(isNews)).toEqual([true, true, false])
  })
})

import { describe, expect, it } from 'vitest'
import { logThrottle } from '../../../src/web/forward-auth/log-throttle.ts'

describe('a log throttle', () => {
  it('logs each message once per window, and a limited number of messages', () => {
    let seconds = 0
    const shouldLog = logThrottle({ now: () => new Date(seconds * 1000), windowSeconds: 60, max: 2 })
    const heard = ['a', 'a', 'b', 'c', 'b'].map(shouldLog)
    expect(heard).toEqual([true, false, true, false, false])
    seconds = 60
    expect(['a', 'c', 'b'].map(shouldLog)).toEqual([true, true, false])
  })
})

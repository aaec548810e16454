/** Which open admin pages of a process may update by themselves. */
import { describe, expect, it } from 'vitest'
import { type LiveUser, placeFor } from '../../../../src/web/admin/live/live-places.ts'

const admin = (userId: string, tenant = 'acme'): LiveUser => ({ tenant, userId, isOperator: false })
const operator = (userId: string): LiveUser => ({ tenant: 'acme', userId, isOperator: true })

function pages(count: number, userOf: (index: number) => LiveUser) {
  return Array.from({ length: count }, (_, index) => ({ index, user: userOf(index) }))
}
const admins = (count: number, tenant?: string) => pages(count, (index) => admin(`admin-${index}`, tenant))
const operators = (count: number) => pages(count, (index) => operator(`operator-${index}`))

describe('one more page', () => {
  it.each([
    ['finds a place in an empty process', [], admin('ada')],
    ['finds a place beside four of the same user', pages(4, () => admin('ada')), admin('ada')],
    ['finds a place beside 14 of the tenant', admins(14), admin('ada')],
    ['of an operator finds a place in a full tenant', admins(15), operator('ada')],
    ['of an operator is not counted to their tenant', operators(20), admin('ada')],
    ['of another tenant finds a place', admins(15), admin('ada', 'beta')],
    ['of a user with the same ID in another tenant finds a place', pages(5, () => admin('ada')), admin('ada', 'beta')],
    [
      'of an operator finds a place that is kept for operators',
      pages(49, (at) => admin('a', `t-${at}`)),
      operator('ada'),
    ],
  ])('%s', (_, open, next) => {
    expect(placeFor(open, next)).toEqual({ replaces: undefined })
  })

  it.each([
    ['of an admin finds none beside 15 of the tenant', admins(15), admin('ada')],
    ['of an admin finds none that is kept for operators', pages(40, (at) => admin('a', `t-${at}`)), admin('ada')],
    ['of an operator finds none beside 50', operators(50), operator('ada')],
    ['of an admin finds none beside 50', operators(50), admin('ada')],
  ])('%s', (_, open, next) => {
    expect(placeFor(open, next)).toBeNull()
  })

  it.each([
    ['a process with room', []],
    ['a full process', operators(45)],
  ])('of a user with five takes the place of their oldest in %s', (_, others) => {
    const own = pages(5, () => admin('ada'))
    expect(placeFor([...others, ...own], admin('ada'))).toEqual({ replaces: own[0] })
  })
})

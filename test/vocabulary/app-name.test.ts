import { describe, expect, it } from 'vitest'
import { mistakenFor } from '../../src/app-name.ts'

const taken = ['Demo server app', 'Gatehouse', 'Morning', 'login.acme.test', 'Склад', 'R2 / D2']

describe('a name is mistaken for', () => {
  it.each([
    ['Gatehouse', 'Gatehouse'],
    [' gate HOUSE ', 'Gatehouse'],
    ['Gаtеhоusе', 'Gatehouse'],
    ['GATEH0USE', 'Gatehouse'],
    ['Gaté-house', 'Gatehouse'],
    ['Ｇａｔｅｈｏｕｓｅ', 'Gatehouse'],
    ['Demo\u00a0server  app!', 'Demo server app'],
    ['Moming', 'Morning'],
    ['Login Acme Test', 'login.acme.test'],
    ['1ogin.acme.test', 'login.acme.test'],
    ['СКЛАД', 'Склад'],
    ['r2d2', 'R2 / D2'],
  ])('%s: %s', (name, other) => {
    expect(mistakenFor(name, taken)).toBe(other)
  })

  it.each(['Gatehouse reports', 'Demo app', 'Shop', '…', 'Лад', '東京'])('%s: none', (name) => {
    expect(mistakenFor(name, [...taken, '!!'])).toBeUndefined()
  })
})

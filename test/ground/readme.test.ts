import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const versions = z.record(z.string(), z.string())
const { dependencies, devDependencies, optionalDependencies } = z
  .object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
  .parse(JSON.parse(text('package.json')))

const [, section = ''] = /### Why each dependency\n([\s\S]*?)\n### /.exec(text('README.md')) ?? []
const [table = '', development = ''] = section.split('\nFor development:')
const named = (part: string) => [...part.matchAll(/`((?:@[a-z0-9-]+\/)?[a-z0-9-]+)`/g)].map(([, name]) => String(name))
const inTable = table.split('\n').flatMap((row) => named(row.split('|')[1] ?? ''))

describe('the README says why', () => {
  it('each package that runs is there, and lists no other', () => {
    const [brought] = Object.keys(optionalDependencies).filter((name) => inTable.includes(name)) // "and siblings"
    expect(inTable.toSorted()).toEqual([...Object.keys(dependencies), brought].toSorted())
  })

  it('each package of development is there, types aside', () => {
    const untyped = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'))
    expect(named(development)).toEqual(expect.arrayContaining(untyped))
  })
})

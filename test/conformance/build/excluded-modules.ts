/**
 * Builds the suite without a library that public registries lack: sources that need it become
 * conditions that fail when they are run. The plans of plans.ts use none of them.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../programs.ts'

const missingPackage = 'org.multipaz'

/** Changes the sources below `root`. Returns how many were replaced. */
export function excludeModules(root: string): number {
  const code = new Map(globSync('**/*.java', { cwd: root }).map((path) => [path, codeOf(join(root, path))]))
  const gone = dependents(code)
  for (const path of gone) {
    const text = code.get(path) ?? ''
    rmSync(join(root, path))
    const [, final, extended] = /^public (?:abstract |(final) )?class \w+(?: extends (\w+))?/m.exec(text) ?? []
    if (final !== undefined && extended === undefined) continue // only the others used it
    if (!path.includes('/condition/') || (extended === undefined && !text.includes('evaluate')))
      throw new Failure(`${path} is no condition: the build without ${missingPackage} would change a test module`)
    const stub = failing(/^package ([\w.]+);/m.exec(text)?.[1] ?? '', nameOf(path))
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), stub)
  }
  return gone.size
}

const nameOf = (path: string) => path.replace(/^.*\//, '').replace(/\.java$/, '')

function codeOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
}

function dependents(code: ReadonlyMap<string, string>): ReadonlySet<string> {
  const imports = new RegExp(`^import (static )?${missingPackage.replace('.', '\\.')}\\.`, 'm')
  const gone = new Set([...code].filter(([, text]) => imports.test(text)).map(([path]) => path))
  const wordsOf = new Map(
    [...code].map(([path, text]) => [path, new Set(text.replace(/^import [^\n]*|\b\w+\.class\b/gm, '').match(/\w+/g))]),
  )
  for (let before = -1; before !== gone.size; ) {
    before = gone.size
    const names = [...gone].map(nameOf)
    for (const [path, words] of wordsOf) if (names.some((name) => words.has(name))) gone.add(path)
  }
  return gone
}

const failing = (folder: string, name: string) => `package ${folder};

public class ${name} extends net.openid.conformance.condition.AbstractCondition {
	@Override
	public net.openid.conformance.testmodule.Environment evaluate(net.openid.conformance.testmodule.Environment env) {
		throw error("Left out of this build: it needs ${missingPackage}");
	}
}
`

/**
 * Builds the suite from a git directory, once for each commit and each change to the files of this
 * folder.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure, run } from '../programs.ts'
import { excludeModules } from './excluded-modules.ts'

export interface BuiltSuite {
  readonly commit: string
  readonly jar: string
  /** Arguments that its own development setup gives it. */
  readonly developmentKeys: readonly string[]
  /** Class path of the MongoDB stand-in. */
  readonly mongo: string
}

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

export async function buildSuite(gitDirectory: string, cache: string, jdk: string): Promise<BuiltSuite> {
  const commit = (await run('git', ['--git-dir', gitDirectory, 'rev-parse', 'HEAD'])).trim()
  const folder = join(cache, `suite-${commit.slice(0, 12)}-${buildHash()}`)
  const jar = join(folder, 'target', 'fapi-test-suite.jar')
  if (!existsSync(join(folder, 'built'))) {
    say(`Building the suite at ${commit.slice(0, 12)} in ${folder}; this takes some minutes …`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const archive = join(folder, 'sources.tar')
    const paths = ['pom.xml', 'src/main', '.mvn']
    await run('git', ['--git-dir', gitDirectory, 'archive', '--output', archive, commit, ...paths])
    await run('tar', ['xf', archive, '-C', folder])
    const replaced = excludeModules(join(folder, 'src/main/java'))
    rmSync(join(folder, 'src/main/kotlin'), { recursive: true, force: true })
    withoutTextIndexes(folder)
    withoutInitiatedLoginRace(folder)
    writeFileSync(join(folder, 'pom.xml'), leanPom(readFileSync(join(folder, 'pom.xml'), 'utf8')))
    await maven(folder, jdk, ['-Dmaven.test.skip=true', 'package'])
    if (!existsSync(jar)) throw new Failure(`Maven made no ${jar}`)
    writeFileSync(join(folder, 'built'), `${replaced} sources replaced\n`)
  }
  return { commit, jar, developmentKeys: developmentKeysIn(folder), mongo: await buildMongo(cache, jdk) }
}

/** Of the files that decide how the suite is built. */
function buildHash(): string {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const hash = createHash('sha256')
  for (const name of readdirSync(here).sort()) hash.update(readFileSync(join(here, name)))
  return hash.digest('hex').slice(0, 8)
}

/**
 * The module of third-party-initiated login starts its task, which requires a configured module,
 * before it is configured. Two seconds later it is. The task itself stays as it is.
 */
function withoutInitiatedLoginRace(folder: string): void {
  const file = join(
    folder,
    'src/main/java/net/openid/conformance/openid/client/OIDCCClient3rdPartyInitiatedLoginTest.java',
  )
  const racing = /runInBackground(\(\(\) -> \{[\s\S]*?return "done";\s*\})\)/
  const delayed = 'scheduleInBackground$1, 2, java.util.concurrent.TimeUnit.SECONDS)'
  const source = readFileSync(file, 'utf8')
  if (!racing.test(source)) throw new Failure(`${file} has changed: see whether it still starts its task too early`)
  writeFileSync(file, source.replace(racing, delayed))
}

/** The MongoDB stand-in has no full-text indexes; only the suite's search pages use them. */
function withoutTextIndexes(folder: string): void {
  for (const name of ['DBTestInfoService', 'DBTestPlanService']) {
    const file = join(folder, `src/main/java/net/openid/conformance/info/${name}.java`)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(sortedMap\.put\("\w+", )"text"\)/g, '$11)'))
  }
}

/** Without linters, Kotlin, and what excluded-modules.ts excludes. */
function leanPom(pom: string): string {
  const unwanted = {
    dependency: ['multipaz'],
    plugin: ['kotlin-maven-plugin', 'git-commit-id', 'jacoco', 'pmd', 'checkstyle', 'rewrite-maven', 'enforcer'],
  }
  let lean = pom
    .replace(/<compilerArgs>[\s\S]*?<\/compilerArgs>/g, '<compilerArgs/>')
    .replace(/<annotationProcessorPaths>[\s\S]*?<\/annotationProcessorPaths>/g, '')
  for (const [element, names] of Object.entries(unwanted))
    lean = lean.replace(new RegExp(`<${element}>[\\s\\S]*?</${element}>`, 'g'), (block) => {
      const artifact = /<artifactId>([^<]*)</.exec(block)?.[1] ?? ''
      return names.some((name) => artifact.includes(name)) ? '' : block
    })
  return lean
}

/** Its signing keys for development: any will do, and these are in its sources. */
function developmentKeysIn(folder: string): readonly string[] {
  const properties = readFileSync(join(folder, 'src/main/resources/application-dev.properties'), 'utf8')
  return properties
    .split('\n')
    .filter((line) => /^fintechlabs\.(signingKey|privateLinkSigningKey)=/.test(line))
    .map((line) => `--${line.trim()}`)
}

async function buildMongo(cache: string, jdk: string): Promise<string> {
  const folder = join(cache, 'mongo')
  const classPath = join(folder, 'lib')
  if (!existsSync(join(folder, 'built'))) {
    mkdirSync(folder, { recursive: true })
    copyFileSync(fileURLToPath(new URL('mongo-pom.xml', import.meta.url)), join(folder, 'pom.xml'))
    await maven(folder, jdk, ['dependency:copy-dependencies', `-DoutputDirectory=${classPath}`])
    writeFileSync(join(folder, 'built'), '')
  }
  return `${classPath}/*`
}

const maven = (cwd: string, jdk: string, args: readonly string[]) =>
  run('mvn', ['-B', '-q', ...args], {
    cwd,
    env: { JAVA_HOME: jdk, MAVEN_OPTS: process.env['MAVEN_OPTS'] ?? '-Xmx6g' },
  })

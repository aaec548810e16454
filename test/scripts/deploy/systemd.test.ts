/** Units of deploy/systemd: what systemd itself says about them, where it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { commands } from '../../../src/cli/table.ts'

const units = ['gatehouse.service', 'gatehouse-backup.service', 'gatehouse-backup.timer'] as const
const textOf = (unit: string) => readFileSync(`deploy/systemd/${unit}`, 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-units-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Values of a setting, in order. */
const valuesOf = (unit: string, setting: string) =>
  textOf(unit)
    .split('\n')
    .filter((line) => line.startsWith(`${setting}=`))
    .map((line) => line.slice(setting.length + 1))

describe('the systemd units', () => {
  it.runIf(process.platform === 'linux')('pass systemd-analyze, and expose little', () => {
    // verify wants programs that exist
    const files = units.map((unit) => {
      const file = join(folder, unit)
      writeFileSync(file, textOf(unit).replaceAll('/usr/local/bin/gatehouse', process.execPath))
      return file
    })
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' })
    if (verified.error !== undefined) throw new Error('systemd-analyze is missing: apt-get install systemd')
    const about = verified.stderr.split('\n').filter((line) => line.includes(folder) || line.includes('gatehouse'))
    expect(about).toEqual([])
    expect(verified.status).toBe(0)
    const args = ['security', '--offline=true', '--threshold=25', '--no-pager', join(folder, 'gatehouse.service')]
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
    expect(status, `${stdout}${stderr}`).toBe(0)
  })

  it.each(['gatehouse.service', 'gatehouse-backup.service'] as const)('%s runs a command of gatehouse', (unit) => {
    const [line = ''] = valuesOf(unit, 'ExecStart')
    const [program, command = ''] = line.split(' ')
    expect(program).toBe('/usr/local/bin/gatehouse')
    expect(Object.keys(commands).map((usage) => usage.split(' ')[0])).toContain(command)
    expect(line).toContain('--config /etc/gatehouse')
  })

  it('run as the user of the sysusers file, in its state directory', () => {
    const [, user, , , home] = /^u (\S+) (\S+) "([^"]+)" (\S+)$/m.exec(textOf('gatehouse.sysusers.conf')) ?? []
    expect(home).toBe('/var/lib/gatehouse')
    for (const unit of ['gatehouse.service', 'gatehouse-backup.service']) {
      expect(valuesOf(unit, 'User')).toEqual([user])
      expect(valuesOf(unit, 'WorkingDirectory')).toEqual([home])
    }
  })

  it('let the JIT of V8 work', () => {
    expect(textOf('gatehouse.service')).not.toMatch(/^MemoryDenyWriteExecute=/m)
  })
})

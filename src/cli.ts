#!/usr/bin/env node
/** The command line: `gatehouse serve`, `check`, `migrate`, `trace`, `connection show`, `profile preview`, `users add|block|unblock`, `keys list|rotate|retire`. Everything else is loaded after the Node version is known to do. */
import './node-version.ts'

const { runCommand } = await import('./cli/run.ts')
process.exitCode = await runCommand(process.argv.slice(2))

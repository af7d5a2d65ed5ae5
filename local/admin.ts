// `npm run admin -- <email> [admin|moderator|user]`: gives an account a role. The first admin comes to be by this and by nothing else.
// It works on the database of DATABASE_URL (production's: also from --env-file=<file>), or on the data directory's own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { UserRole } from '../protocol/rest/admin.ts';
import { normaliseEmail } from '../protocol/scalars.ts';
import { auditLock, auditStatement } from '../worker/db/audit-statement.ts';
import { users } from '../worker/db/schema.ts';
import { lockHolder } from './lock.ts';
import { connectPostgres, openPGlite, type Postgres } from './postgres.ts';
import { command, Refusal } from './refusal.ts';
import { readSettings } from './settings.ts';

await command(async () => {
  const args = process.argv.slice(2);
  const file = args.find((arg) => arg.startsWith('--env-file='))?.slice('--env-file='.length);
  if (file !== undefined) process.loadEnvFile(file);
  const [typed, wanted = 'admin', ...more] = args.filter((arg) => !arg.startsWith('--env-file='));
  const role = UserRole.safeParse(wanted);
  if (typed === undefined || !role.success || more.length > 0)
    throw new Refusal('Say whom, and what they may do: admin -- <email> [admin|moderator|user].');

  const { pool, close } = await open();
  try {
    console.log(await give(drizzle({ client: pool }), normaliseEmail(typed), role.data));
  } finally {
    await close();
  }
});

async function give(database: ReturnType<typeof drizzle>, email: string, role: UserRole): Promise<string> {
  const [user] = await database
    .select({ id: users.id, role: users.role })
    .from(users)
    .where(eq(users.email, email));
  if (!user) throw new Refusal(`There is no account with the email ${email}: register it first, in the app.`);
  const change = sql`
    update users set role = ${role} where id = ${user.id} and role <> ${role} and deletion is null returning id`;
  const deed = { actor: 'command', action: `user.role.${role}`, target: user.id };
  await database.transaction(async (transaction) => {
    await transaction.execute(auditLock);
    await transaction.execute(auditStatement(deed, change));
  });
  return user.role === role ? `${email} was ${role} already.` : `${email} is ${role} now (was ${user.role}).`;
}

async function open(): Promise<Postgres> {
  const { dataDir, databaseUrl } = readSettings(process.env);
  if (databaseUrl !== undefined)
    return connectPostgres(databaseUrl).catch((error: Error) => {
      throw new Refusal(`The database of DATABASE_URL could not be reached: ${error.message || error.name}.`);
    });
  if (!existsSync(join(dataDir, 'postgres')))
    throw new Refusal(`There is no database in ${dataDir} yet: run npm start once, and register.`);
  if (lockHolder(dataDir) !== undefined)
    throw new Refusal(`Stop npm start first: it holds the database in ${dataDir}.`);
  return openPGlite(join(dataDir, 'postgres'));
}

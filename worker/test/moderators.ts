import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { adminRoutes, type UserRole } from '../../protocol/rest/admin.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import { ask, newPerson, type Person } from './client.ts';

/** Gives `person` a role, as the operator's command does. */
export const setRole = (person: Person, role: UserRole) =>
  openDatabase(env).update(users).set({ role }).where(eq(users.id, person.id));

/** Somebody new who moderates, with their password given to the session. */
export async function newModerator(role: 'moderator' | 'admin' = 'moderator'): Promise<Person> {
  const person = await newPerson();
  await setRole(person, role);
  await ask(adminRoutes.stepUp, { token: person.token, body: { password: person.password } });
  return person;
}

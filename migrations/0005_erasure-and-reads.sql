CREATE TABLE "sweep_marks" (
	"part" text PRIMARY KEY NOT NULL,
	"mark" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deletion" jsonb;--> statement-breakpoint
CREATE INDEX "file_keys_user" ON "file_keys" USING btree ("user_id","file_id");--> statement-breakpoint
CREATE INDEX "files_uploader" ON "files" USING btree ("uploader_id","id");--> statement-breakpoint
CREATE INDEX "messages_shared" ON "messages" USING btree ("chatroom_id","seq") WHERE "messages"."recipient" is null;--> statement-breakpoint
CREATE INDEX "messages_direct" ON "messages" USING btree ("chatroom_id",left("recipient", 36),"seq") WHERE "messages"."recipient" is not null;--> statement-breakpoint
CREATE INDEX "messages_sender" ON "messages" USING btree ("sender_id","chatroom_id","seq");--> statement-breakpoint
CREATE INDEX "sessions_revoked" ON "sessions" USING btree ("revoked_at") WHERE "sessions"."revoked_at" is not null;--> statement-breakpoint
CREATE INDEX "users_deleted" ON "users" USING btree ("id") WHERE "users"."deletion" is not null;
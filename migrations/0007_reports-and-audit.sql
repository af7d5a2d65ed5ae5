CREATE TABLE "audit_log" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"entry" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "blocked_hashes" (
	"hash" text PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"reason" text NOT NULL,
	"file_id" uuid
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reporter_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"reason" text NOT NULL,
	"note" text,
	"chatroom_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"evidence" text NOT NULL,
	"finding" text,
	"sender_id" uuid,
	"sent_at" timestamp (3) with time zone,
	"envelope" text,
	"file_id" uuid,
	"file_key" text,
	"state" text DEFAULT 'open' NOT NULL,
	"claimed_by" uuid,
	"verdict" text,
	"verdict_note" text,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "reports_once" UNIQUE("reporter_id","chatroom_id","seq"),
	CONSTRAINT "reports_state" CHECK ("reports"."state" in ('open', 'claimed', 'closed'))
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "stamp" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "elevated_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_reporter_id_users_id_fk" FOREIGN KEY ("reporter_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reports_queue" ON "reports" USING btree ("state","created_at","id");--> statement-breakpoint
CREATE INDEX "reports_created" ON "reports" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "reports_sender" ON "reports" USING btree ("sender_id");--> statement-breakpoint
CREATE INDEX "reports_chatroom" ON "reports" USING btree ("chatroom_id");--> statement-breakpoint
CREATE INDEX "reports_closed" ON "reports" USING btree ("closed_at") WHERE "reports"."envelope" is not null;--> statement-breakpoint
-- The audit log is added to, and never changed. The chain of hashes tells of whoever gets around this.
CREATE FUNCTION "audit_log_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit log is append-only';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "audit_log_append_only" BEFORE UPDATE OR DELETE ON "audit_log"
	FOR EACH ROW EXECUTE FUNCTION "audit_log_is_append_only"();

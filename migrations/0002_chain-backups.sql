CREATE TABLE "chain_backups" (
	"user_id" uuid NOT NULL,
	"chatroom_id" uuid NOT NULL,
	"id" text NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chain_backups_user_id_chatroom_id_id_pk" PRIMARY KEY("user_id","chatroom_id","id")
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "device_id" smallint;--> statement-breakpoint
ALTER TABLE "chain_backups" ADD CONSTRAINT "chain_backups_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chain_backups_chatroom" ON "chain_backups" USING btree ("chatroom_id");
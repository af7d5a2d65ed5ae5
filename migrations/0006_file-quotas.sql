ALTER TABLE "files" ADD COLUMN "declared" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "signed" bigint DEFAULT 0 NOT NULL;
package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"parley/chat"
	"parley/db"
)

// seatsFile is the file in the data folder with the rooms and seats of a server that was stopped.
const seatsFile = "seats"

// seatsLast is for how long after a stop rooms are opened again: later nobody waits for them.
const seatsLast = time.Hour

// takeSeats lets rooms and users be where they were when the server before this one was stopped. Whatever is wrong with
// that, the server starts.
func (s *service) takeSeats(ctx context.Context, node *chat.Node) {
	path := filepath.Join(s.options.Data, seatsFile)
	info, err := os.Stat(path)
	old := err == nil && time.Since(info.ModTime()) > seatsLast
	data, err := db.TakeParcel(s.options.Data, seatsFile, chat.SeatsVersion)
	if data == nil && err == nil {
		return
	}
	if err == nil && (old || s.options.Hold == 0) {
		s.log.Info("the rooms from before the restart are not opened again", "file", seatsFile, "older than",
			seatsLast, "hold", time.Duration(s.options.Hold))
		return
	}
	seats := 0
	if err == nil {
		seats, err = node.RestoreSeats(ctx, data)
	}
	if err != nil {
		s.log.Warn("the rooms from before the restart are lost", "file", seatsFile, "err", err)
		return
	}
	s.log.Info("the rooms from before the restart wait for their people", "seats", seats, "for",
		time.Duration(s.options.Hold))
}

// leaveSeats writes down the rooms and seats for the server after this one.
func (s *service) leaveSeats(node *chat.Node) {
	data, seats, err := node.SaveSeats()
	if data == nil && err == nil {
		os.Remove(filepath.Join(s.options.Data, seatsFile)) // what an earlier stop has left means nothing any more
		return
	}
	if err == nil {
		err = db.LeaveParcel(s.options.Data, seatsFile, chat.SeatsVersion, data)
	}
	if err != nil {
		s.log.Warn("the rooms are lost with this stop, because they could not be written down", "err", err)
		return
	}
	s.log.Info("the rooms are written down for the next start", "seats", seats)
}

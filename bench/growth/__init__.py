"""How the four stages bear growth: what a record costs and holds, how soon an owner goes on."""
